"""The gate before the app: sign-in, sessions, headers that browsers obey, health. Pure ASGI, knows no Streamlit."""
