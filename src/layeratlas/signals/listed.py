"""The project's own signals, each after those that it is made of. Light to import."""

from __future__ import annotations

from layeratlas.signals.signal import Signal

_FORWARD, _CLASSES = "layeratlas.signals.forward", "layeratlas.signals.classes"
_TAPE, _PARAMETERS = "layeratlas.signals.tape", "layeratlas.signals.parameters"
_RESIDUAL, _TANGENT = "layeratlas.signals.residual", "layeratlas.signals.tangent"
_MOMENTS, _MATRICES = "layeratlas.signals.moments", "layeratlas.signals.matrices"
_LOSS, _STEP = "layeratlas.signals.loss", "layeratlas.signals.gradient_step"

#: Targets that labels are made of; positions of a text are none.
_LABELS = ("classes", "vectors")


def _walk(
    name: str, of: str, passes: tuple[str, ...], description: str, *, whole: bool = False
) -> Signal:
    """What one walk over the maps of a pass, or of two, gives of tangent kernels."""
    return Signal(
        name,
        f"{_TANGENT}.{of}",
        ("network", *passes),
        evaluation=True,
        targets=_LABELS,
        images=2,
        maps=2,
        whole=whole,
        holds="graph",
        description=description,
    )


LISTED: tuple[Signal, ...] = (
    # Of single images.
    Signal(
        "features",
        f"{_FORWARD}:features",
        of="layer",
        description="what a layer gives, (member, sample, feature)",
    ),
    Signal(
        "targets",
        f"{_FORWARD}:targets",
        description="what the view holds true of each image; (sample,) for classes",
    ),
    # Classes: their means, and what is left within them.
    Signal(
        "classes",
        f"{_CLASSES}:classes",
        ("network", "view"),
        targets="classes",
        description="the classes of the view, ascending",
    ),
    Signal(
        "class_sums",
        f"{_CLASSES}:class_sums",
        ("features", "targets", "classes"),
        "layer",
        sums=True,
        description="sums of features and number of images of every class",
    ),
    Signal(
        "class_means",
        f"{_CLASSES}:class_means",
        ("class_sums",),
        "layer",
        description="mean features of every class, (member, class, feature)",
    ),
    Signal(
        "between_classes",
        f"{_CLASSES}:between_classes",
        ("class_sums", "class_means"),
        "layer",
        description="class means about their mean, weighted: M with Sigma_b = M^T M",
    ),
    Signal(
        "deviations",
        f"{_CLASSES}:deviations",
        ("features", "targets", "classes", "class_means"),
        "layer",
        description="features about the mean of their class, (member, sample, feature)",
    ),
    Signal(
        "within_square",
        f"{_CLASSES}:square",
        ("deviations",),
        "layer",
        sums=True,
        description="sum of |deviation|^2",
    ),
    Signal(
        "within_variance",
        f"{_CLASSES}:over_images",
        ("within_square", "view"),
        "layer",
        description="tr Sigma_w, (member,)",
    ),
    Signal(
        "between_directions",
        f"{_CLASSES}:between_directions",
        ("between_classes",),
        "layer",
        description="columns V with V V^T = pinv(Sigma_b), (member, feature, class)",
    ),
    Signal(
        "within_square_between",
        f"{_CLASSES}:square_along",
        ("deviations", "between_directions"),
        "layer",
        sums=True,
        description="sum of |deviation V|^2",
    ),
    Signal(
        "within_variance_between",
        f"{_CLASSES}:over_images",
        ("within_square_between", "view"),
        "layer",
        description="tr(Sigma_w pinv(Sigma_b)), (member,)",
    ),
    Signal(
        "within_scatter",
        f"{_CLASSES}:scatter",
        ("deviations",),
        "layer",
        sums=True,
        description="sum of outer products of deviations",
    ),
    Signal(
        "within_covariance",
        f"{_CLASSES}:over_images",
        ("within_scatter", "view"),
        "layer",
        description="Sigma_w, (member, feature, feature)",
    ),
    # What the network gives of each image, and how far that is from the labels.
    Signal(
        "logits",
        f"{_RESIDUAL}:logits",
        description="what the last layer gives, (member, sample, output)",
    ),
    Signal(
        "residual_sums",
        f"{_RESIDUAL}:residual_sums",
        ("network", "logits", "batch"),
        sums=True,
        targets=_LABELS,
        description="sums of w.Y, |w|^2, |Y|^2, w and Y, w the residual",
    ),
    # The training loss as a function of all parameters.
    Signal(
        "member_loss",
        f"{_LOSS}:member_loss",
        uses=("forward",),
        alone=True,
        evaluation=True,
        description="mean loss as a differentiable function of all parameters, and where it stands",
    ),
    Signal("loss", f"{_LOSS}:function", ("member_loss",), description="that function"),
    Signal("point", f"{_LOSS}:point", ("member_loss",), description="where it stands"),
    Signal("seed", f"{_LOSS}:seed", ("network",), alone=True, description="the run's seed"),
    # Affine maps: W, what they read and give, and how the outputs f answer to what they give.
    Signal(
        "pass",
        f"{_TAPE}:passed",
        uses=("forward",),
        holds="graph",
        description="a differentiable pass with what every map noted (Pass)",
    ),
    Signal(
        "inputs",
        f"{_TAPE}:inputs",
        ("pass",),
        "affine",
        description="x of h = W x + b, (member, sample, position, fan_in)",
    ),
    Signal(
        "outputs",
        f"{_TAPE}:outputs",
        ("pass",),
        "affine",
        description="h, before any activation, (member, sample, position, fan_out)",
    ),
    Signal(
        "cotangents:classes",
        f"{_TAPE}:cotangents_of_outputs",
        ("pass",),
        "affine",
        holds="jacobian",
        description="df_o/dh of every output o, (member, output, sample, position, fan_out)",
    ),
    Signal(
        "cotangents:projections",
        f"{_TAPE}:cotangents_of_projections",
        ("pass",),
        "affine",
        holds="jacobian",
        description="d(v.f)/dh of random v, (member, projection, sample, position, fan_out)",
    ),
    Signal(
        "cotangents:loss",
        f"{_TAPE}:cotangents_of_loss",
        ("pass", "view"),
        "affine",
        description="dloss/dh of the mean loss of the view, (member, sample, position, fan_out)",
    ),
    Signal(
        "weights",
        f"{_TAPE}:weights",
        ("network",),
        "affine",
        description="W, (member, fan_out, fan_in)",
    ),
    Signal(
        "initial_weights",
        f"{_TAPE}:initial_weights",
        ("network",),
        "affine",
        at_start=True,
        description="W before training",
    ),
    Signal(
        "parameter_square",
        f"{_PARAMETERS}:parameter_square",
        ("network",),
        "affine",
        description="|W|^2 + |b|^2, (member,)",
    ),
    Signal(
        "initial_parameter_square",
        f"{_PARAMETERS}:initial_parameter_square",
        ("network",),
        "affine",
        at_start=True,
        description="the same before training",
    ),
    Signal(
        "input_square",
        f"{_TAPE}:outer",
        ("inputs",),
        "affine",
        sums=True,
        description="sum of x x^T over images and positions",
    ),
    Signal(
        "input_moment",
        f"{_CLASSES}:over_images",
        ("input_square", "view"),
        "affine",
        description="mean over images of the sum of x x^T over positions",
    ),
    Signal(
        "cotangent_square",
        f"{_TAPE}:cotangent_square",
        ("pass",),
        "affine",
        sums=True,
        description="sum of g g^T, g = df_o/dh, over images, positions and outputs",
    ),
    Signal(
        "cotangent_moment",
        f"{_CLASSES}:over_images",
        ("cotangent_square", "view"),
        "affine",
        description="K: mean over images of that sum, (member, fan_out, fan_out)",
    ),
    Signal(
        "projected_square",
        f"{_TAPE}:projected_square",
        ("pass",),
        "affine",
        sums=True,
        description="an estimate of it from random projections, and its squared standard error",
    ),
    Signal(
        "projected_cotangent_moment",
        f"{_TAPE}:projected_moment",
        ("projected_square", "view"),
        "affine",
        description="K from random projections, and its standard error",
    ),
    # Feature matrices of maps: K, exact or by draws as the view says, and what goes with it.
    Signal(
        "moment_sums",
        f"{_MOMENTS}:moment_sums",
        ("pass",),
        "affine",
        sums=True,
        description="n K by draw of random projections, of one draw where K is exact",
    ),
    Signal(
        "output_moments",
        f"{_MOMENTS}:over_images",
        ("moment_sums", "view"),
        "affine",
        description="K by draw, (member, draw, fan_out, fan_out)",
    ),
    Signal(
        "pass_at_start",
        f"{_MOMENTS}:passed_at_start",
        uses=("forward",),
        at_start=True,
        holds="graph",
        description="the pass of the same networks before training",
    ),
    Signal(
        "initial_moment_sums",
        f"{_MOMENTS}:moment_sums",
        ("pass_at_start",),
        "affine",
        sums=True,
        description="n K by draw before training",
    ),
    Signal(
        "initial_output_moments",
        f"{_MOMENTS}:over_images",
        ("initial_moment_sums", "view"),
        "affine",
        description="K by draw before training",
    ),
    Signal(
        "support",
        f"{_TAPE}:support",
        ("network",),
        "affine",
        description="1 where W has an entry of its own, 0 where it is 0 whatever its weights are",
    ),
    Signal(
        "weight_gradient",
        f"{_MOMENTS}:weight_gradient",
        ("inputs", "cotangents:loss", "support"),
        "affine",
        sums=True,
        description="gradient of the view's mean loss with respect to W, (member, fan_out, fan_in)",
    ),
    Signal(
        "uncentred_matrices",
        f"{_MATRICES}:uncentred",
        ("weights", "output_moments"),
        "affine",
        description="traces of W'W and W'KW (Matrices)",
    ),
    Signal(
        "centred_matrices",
        f"{_MATRICES}:centred",
        ("weights", "initial_weights", "output_moments"),
        "affine",
        description="the same of what training added to W",
    ),
    Signal(
        "double_centred_matrices",
        f"{_MATRICES}:double_centred",
        ("weights", "initial_weights", "output_moments", "initial_output_moments"),
        "affine",
        description="the same of what training added to W and to K",
    ),
    Signal(
        "rate_matrices",
        f"{_MATRICES}:rate",
        ("weight_gradient", "output_moments"),
        "affine",
        description="the same of the gradient of the loss with respect to W",
    ),
    Signal(
        "rotations",
        "layeratlas.signals.rotations:rotations",
        ("weights", "output_moments"),
        "affine",
        description="W'W beside W'QW, Q of K's eigenvalues in random directions (Rotations)",
    ),
    # Data: second moments that targets weight.
    Signal(
        "data_sums",
        "layeratlas.signals.data_moments:data_sums",
        ("batch",),
        sums=True,
        targets="vectors",
        description="X'diag(y)X and X'X of inputs X and targets y",
    ),
    Signal(
        "data_traces",
        "layeratlas.signals.data_moments:data_traces",
        ("data_sums", "view", "network"),
        description="traces of products of these, (member, moment)",
    ),
    # Tangent kernels of all maps, one at a time.
    _walk(
        "tangent_kernels",
        "walk:walked",
        ("pass",),
        "sums over the tangent kernel of every map and of the network (Walked)",
    ),
    Signal(
        "network_kernel",
        f"{_TANGENT}.walk:with_whole",
        ("network", "tangent_kernels"),
        whole=True,
        description="the same, with the kernel of the network as a whole",
    ),
    _walk(
        "map_spectra",
        "spectrum:spectra_of_maps",
        ("pass",),
        "eigenvalues of every map's centred kernel, (affine, member, eigenvalue)",
        whole=True,
    ),
    *(
        Signal(
            name,
            f"{_TANGENT}.spectrum:{function}",
            ("network_kernel",),
            description=f"{words} of every network, {shape}",
        )
        for name, function, words, shape in (
            (
                "kernel_spectrum",
                "spectra_of",
                "eigenvalues of the centred tangent kernel",
                "(member, eigenvalue)",
            ),
            (
                "kernel_eigenfunctions",
                "eigenfunctions_of",
                "eigenvectors of the centred tangent kernel",
                "(member, eigenfunction, output and sample)",
            ),
            (
                "jacobian_norms",
                "jacobians_of",
                "norms of the Jacobian with respect to the weights",
                "(member, sample)",
            ),
        )
    ),
    _walk(
        "cosines",
        "walk:compared",
        ("pass",),
        "cosines of pairs of examples in every map, forward and backward",
    ),
    Signal(
        "pass_before",
        f"{_TAPE}:passed_before",
        uses=("forward",),
        at_previous=True,
        holds="graph",
        description="the pass of the same networks at the record before",
    ),
    _walk(
        "kernel_growth",
        "walk:growth",
        ("pass_before", "pass"),
        "how tangent kernels changed since the record before (Growth)",
    ),
    # One step of training.
    Signal(
        "gradient_step",
        f"{_STEP}:step_of",
        uses=("forward", "start"),
        alone=True,
        evaluation=True,
        first_images=True,
        description="what one gradient step does to every layer (GradientStep)",
    ),
)
