"""The atlas: everything that a preset's figures show, and where it comes from, in one HTML file.

The file holds the published cubes byte for byte and reads them in the browser, so nothing that it
shows can differ from them. Here, in Python, is decided what goes into it and how it is written;
what a reader does with it happens in `web/`, plain modules of JavaScript without a framework.

- `contents`: all that the page tells, as plain data: figures, experiments, claims, origins
- `origins`: files with the jobs that made them, out of the records
- `linking`: which experiments a claim is about
- `captions`: captions with their formulas as MathML
- `budget`: which cubes and drawings are inside the file
- `page`: the file; the same content gives the same bytes
- `web/`: style, modules, and zarrita.js as one vendored bundle (`bundle/make.sh` makes it)
"""
