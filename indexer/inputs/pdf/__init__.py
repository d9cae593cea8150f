"""Render the pages of a file in a child process, with the words, the regions and the files that are in it.

Written for PDF; what PyMuPDF opens otherwise, or what a kind makes pages of, is read by the same modules.
"""
