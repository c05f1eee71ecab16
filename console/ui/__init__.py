"""How the console looks: the only package that imports NiceGUI."""
