"""Bytes become pictures here: formats, colour, orientation and limits. Knows no model.

``image`` decodes in the calling process (a person's own files); ``sandbox`` decodes what strangers sent, in
child processes with limits.
"""
