"""How the server's tables came to be what they are, one step a file; Alembic takes the steps."""
