"""The Streamlit rooms: serve, views, components, theme."""
