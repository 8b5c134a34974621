"""HTTP: the native API, the OpenAI-compatible API, the page, and the conversations they keep.

The way of a question: ``native_api`` (or ``openai_api``) reads and checks the request, ``answers`` hands it
to the engine process and gives back what comes, ``store`` keeps the conversation. This package knows HTTP,
JSON and SQLite; it knows nothing of tokens or tensors, and imports no OpenVINO: the engine is another
process.
"""
