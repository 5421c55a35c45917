"""The app: Streamlit's pages, and the direct line between the runs and the browsers that watch them.

streamlit run app.py
uvicorn app:app
"""

import streamlit as st

from pages.ui import files, line, operations, processes, stopping

processes.warm_up()
app = st.App("home.py", routes=[*line.routes(), *files.routes(), *operations.routes()], lifespan=stopping.lifespan)
