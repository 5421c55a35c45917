"""One module per lesson: arrays -> panels for its exhibits. No streamlit, no torch."""
