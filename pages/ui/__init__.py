"""Everything shared that needs Streamlit."""
