"""Order labels and issue the codes that are missing to them, in one step that can be taken again."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracelib.batches.print_order import PrintOrder
from tracelib.codes.record import Level
from tracelib.operations.export import NoCodesError
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.printing.log import Again, PrintLog
from tracelib.operations.printing.order import NotEnoughCodesError, OrderRequest, place_order

if TYPE_CHECKING:
    from tracelib.operations.issuing.issuer import Desk, Issuer
    from tracelib.operations.issuing.unit_pieces import IssuerOf


@dataclass(frozen=True, slots=True)
class Issuing:
    """Who issues, and what the printed addresses begin with."""

    desk: "Desk"
    issuer: "Issuer"
    host: str
    path: str = ""


def order_and_issue(log: PrintLog, issuer_of: "IssuerOf", request: OrderRequest, issuing: Issuing) -> PrintOrder:
    """As ``place_order`` for ``request.count`` codes of ``request.level``; what the batch lacks is issued first.

    Interrupted between the two, the codes are issued and not printed: the same call takes them and issues no more.
    Raises what ``place_order`` and ``issue_codes`` raise.
    """
    request = replace(request, grade=request.grade or 0)
    try:
        return place_order(log, issuer_of, request, Again())
    except NotEnoughCodesError as lack:
        missing = int(str(lack.params["missing"]))
    except NoCodesError:
        missing = request.count or 0
    wanted = IssueRequest(
        batch=request.batch.key,
        count=missing,
        level=request.level or Level.CARTON,
        host=issuing.host,
        path=issuing.path,
        grade=request.grade or 0,
    )
    issue_codes(issuing.desk, issuing.issuer, wanted)
    return place_order(log, issuer_of, request, Again())
