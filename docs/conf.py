"""How the documentation is built: `make docs`. Warnings are errors."""

project = "plexe_auth"
author = "plexe_auth contributors"
project_copyright = "plexe_auth contributors"
html_title = "plexe_auth"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

# A single backtick in a docstring names a thing of ours, which becomes a link where it has a place in the reference.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1d6b5c", "color-brand-content": "#1d6b5c"},
    "dark_css_variables": {"color-brand-primary": "#57b8a2", "color-brand-content": "#57b8a2"},
}


def setup(app):
    """Leave out what a named tuple says of each of its fields: their numbers. What they are, its docstring says."""
    app.connect("autodoc-skip-member", lambda _app, _what, _name, member, *_more: _is_field(member) or None)


def _is_field(member):
    return type(member).__name__ == "_tuplegetter"
