"""The part of the EPCIS 2.0 JSON-LD context that the event hash needs: prefixes, and which bare words stand for what.

Built in, so that no context is ever fetched. Names come from the EPCIS 2.0 standard (section 10.3) and CBV 2.0.
"""

from collections.abc import Mapping
from typing import TypeAlias

from tracelib.trace.vocab import CBV, BizStep, Disposition

CONTEXT_URL = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
"""What our documents name: the versioned address, which other parties' tools also have built in."""

CONTEXT_URLS = frozenset(
    f"https://ref.gs1.org/standards/epcis/{version}epcis-context.jsonld" for version in ("", "2.0.0/", "2.0.1/")
) | {"https://gs1.github.io/EPCIS/epcis-context.jsonld"}
"""Addresses under which the standard context is known: none of them is fetched."""

GS1_VOCABULARY = "https://gs1.org/voc/"

Namespaces: TypeAlias = Mapping[str, str]
"""Prefix to namespace URI."""

STANDARD_NAMESPACES: Namespaces = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": CBV,
    # As in the XML binding: there the prefix is bound to the URN without the colon that joins prefix and name.
    "cbvmda": "urn:epcglobal:cbv:mda",
    "gs1": GS1_VOCABULARY,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}

_BIZ_TRANSACTION_TYPES = "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"
_SOURCE_DESTINATION_TYPES = "owning_party possessing_party location"
_COMPONENTS = (
    "x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing "
    "latitude longitude altitude"
)
_EXCEPTIONS = "ALARM_CONDITION ERROR_CONDITION"
_MEASUREMENTS = (
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance "
    "AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance "
    "Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity "
    "ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency "
    "Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux "
    "LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate "
    "MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux "
    "RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity "
    "SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber"
)


def _words(prefix: str, words: str) -> dict[str, str]:
    return {word: prefix + word for word in words.split()}


BIZ_STEPS = {step.value: step.uri for step in BizStep}
DISPOSITIONS = {word.value: word.uri for word in Disposition}
BIZ_TRANSACTION_TYPES = _words(f"{CBV}BTT-", _BIZ_TRANSACTION_TYPES)
SOURCE_DESTINATION_TYPES = _words(f"{CBV}SDT-", _SOURCE_DESTINATION_TYPES)
COMPONENTS = _words(f"{CBV}Comp-", _COMPONENTS)
REASONS = _words(f"{CBV}ER-", "did_not_occur incorrect_data")
EXCEPTIONS = _words(GS1_VOCABULARY, _EXCEPTIONS)
MEASUREMENTS = _words(GS1_VOCABULARY, _MEASUREMENTS)


def _namespace(term: object) -> str:
    """What a prefix stands for: a text, or the ``@id`` of an expanded term (JSON-LD 1.1, section 9.15.1)."""
    value = term.get("@id") if isinstance(term, dict) and term.get("@prefix") is True else term
    return value if isinstance(value, str) else ""


def namespaces_of(*contexts: object) -> Namespaces:
    """Prefixes that JSON-LD ``@context`` values declare (a string, a list, an object), over the standard ones.

    Contexts behind other addresses are not fetched: their prefixes stay unknown, and names with them stay as written.
    """
    found = dict(STANDARD_NAMESPACES)
    for context in contexts:
        for entry in context if isinstance(context, list) else [context]:
            if isinstance(entry, dict):
                given = ((k, _namespace(v)) for k, v in entry.items() if not k.startswith("@"))
                found.update({k: v for k, v in given if v})
    found["cbvmda"] = found["cbvmda"].removesuffix(":")
    return found
