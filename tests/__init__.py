"""Everything that is tested, in the shape of the tree, plus whole stories."""
