"""The app: Streamlit's pages, and the direct line between the runs and the browsers that watch them.

streamlit run app.py
uvicorn app:app
"""

import streamlit as st

from pages.ui import files, line, operations, processes, tidying
from pages.ui.rooms import route

tidying.few_arenas()
processes.warm_up()
ROUTES = [*line.routes(), *files.routes(), *operations.routes(), *route.routes()]
app = st.App("home.py", routes=ROUTES, lifespan=operations.lifespan)
