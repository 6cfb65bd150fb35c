"""A stranger's `torch.nn.Module` as a family of networks.

The module is a function of tensors by name, as any family's forward is. `construct` makes it;
`inner` puts tensors in the place of its own and answers for those parts of it that draw random
numbers, keep statistics or hide affine maps (dropout, batch norm, attention); `survey` looks at
what one pass does: which affine maps it comes to, in which order, and how shapes go with the batch;
`watch` keeps features and a tape of a pass; `family` is what the engine sees.

Conventions. Layer l = 0 … L−1 is what the (l+1)-th map of the main path reads, where maps that read
the same tensor (query, key, value) count once; layer L is the output. A map that is used twice in a
pass is noted twice, as `name` and `name@2`; its gradient is the sum over its uses, as autograd has
it, and parameters that are shared between modules are one tensor of the layout.
"""
