"""The record by which two parsers are compared.

An *inventory* is a flat tuple of ints, three for each element in the order of the file:
`depth, tag, length`. Depth is 0 at the top. Length is the value length in bytes as written in the file, except -1 for
sequences, items and encapsulated Pixel Data. Each item of a sequence is entered as
`depth of the items, 0xFFFEE000, -1` before its elements (the depth of an item is the depth of its sequence plus one,
and its elements have that depth too). Delimiters, file meta, preamble and trailing bytes are left out.

What counts as a sequence (both parsers must agree): VR SQ in explicit syntax; in implicit syntax a tag whose VR in
the dictionary is SQ; any element of undefined length other than (7FE0,0008), (7FE0,0009) and (7FE0,0010), whatever
its VR (its content is implicit when the VR is UN). A private element of defined length in implicit syntax and every UN
of defined length are leaves.
"""

Inventory = tuple[int, ...]

ITEM = 0xFFFEE000
