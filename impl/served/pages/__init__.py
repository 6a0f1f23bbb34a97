"""Pages in a browser: of a customer centre for its users [066], of the server for operators."""
