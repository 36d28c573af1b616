"""Market-data providers behind one small protocol: one module each, named in the registry."""
