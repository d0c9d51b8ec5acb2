"""The ledger in a browser and over HTTP: ``sayso serve``. Needs the extra ``sayso[web]``.

``create_app(Settings(...))`` in ``app.py`` gives the ASGI application; start reading there.
"""
