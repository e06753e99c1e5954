"""The documentation site: one command makes it from the files that people read on their own anyway.

contents   which files are its pages, in which order
formulas   TeX to MathML, so that a page shows mathematics without a script or the net
markdown   one file to HTML: formulas, code, headings that can be linked to
links      where a link of a file leads in the site
build      the folder of pages
commands   docs/cli.md, from the commands' own help

`make docs`, or `python -m staff.site --out FOLDER`.
"""
