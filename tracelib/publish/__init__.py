"""What a county shows the world: static pages in two languages, a search without a server, and a signed catalogue.

``view`` says what is public on a day, ``document`` writes it as deterministic JSON and ``signed`` signs it,
``pages`` and ``search_index`` make the site's files, ``pictures`` the small pictures, ``folder`` puts all of it in
place, whole or not at all. ``site`` joins them.
"""
