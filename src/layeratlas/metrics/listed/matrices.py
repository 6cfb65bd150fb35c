"""Metrics of neural feature matrices and average gradient outer products."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric

_PAPER = "Beaglehole, Mitliagkas and Agarwala, TMLR 2024, arXiv:2402.05271"
_CODE = _PAPER + ", released code"
_DERIVED = "derived for this project (specification of the alignment paper, §5)"
_SEEN = (
    "weights and derivatives of every output with respect to what each affine map gives, at every "
    "position of each view's images, dropout off"
)
_UNCENTRED, _CENTRED = ("uncentred_matrices",), ("centred_matrices",)
_DOUBLE, _ROTATED = ("double_centred_matrices",), ("rotations",)


def _metric(
    name: str,
    needs: tuple[str, ...],
    long_name: str,
    formula: str,
    *,
    function: str = "",
    source: str = _PAPER,
    dims: tuple[str, ...] = (),
) -> Metric:
    return Metric(
        name,
        f"layeratlas.metrics.matrices:{function or name}",
        needs,
        "affine",
        dims,
        long_name=long_name,
        formula=formula,
        source=source,
        seen=_SEEN,
    )


_PAIR = ("input", "other_input")

LISTED: tuple[Metric, ...] = (
    _metric(
        "uc_nfc",
        _UNCENTRED,
        "uncentred correlation of neural feature matrix and gradient outer product",
        "tr(F G)/(|F| |G|), F = W'W, G = W'KW",
        function="cosine",
    ),
    _metric(
        "c_nfc",
        _CENTRED,
        "the same of what training added to the weights",
        "tr(F G)/(|F| |G|), F = D'D, G = D'KD, D = W - W(0)",
        function="cosine",
    ),
    _metric(
        "dc_nfc",
        _DOUBLE,
        "the same of what training added to the weights and to K",
        "tr(F G)/(|F| |G|), F = D'D, G = D'(K - K(0))D, D = W - W(0)",
        function="cosine",
    ),
    _metric(
        "uc_nfc_pearson",
        _UNCENTRED,
        "uncentred correlation, of entries about their mean",
        "Pearson correlation of the entries of W'W and W'KW",
        function="pearson",
        source=_CODE,
    ),
    _metric(
        "c_nfc_pearson",
        _CENTRED,
        "centred correlation, of entries about their mean",
        "Pearson correlation of the entries of D'D and D'KD, D = W - W(0)",
        function="pearson",
        source=_CODE,
    ),
    _metric(
        "dc_nfc_pearson",
        _DOUBLE,
        "double-centred correlation, of entries about their mean",
        "Pearson correlation of the entries of D'D and D'(K - K(0))D, D = W - W(0)",
        function="pearson",
        source=_CODE,
    ),
    _metric(
        "uc_nfc_error",
        _UNCENTRED,
        "standard error of the uncentred correlation where K is estimated; 0 where it is exact",
        "jackknife over random projections",
        function="error",
        source=_DERIVED,
    ),
    _metric(
        "c_nfc_error",
        _CENTRED,
        "standard error of the centred correlation where K is estimated; 0 where it is exact",
        "jackknife over random projections",
        function="error",
        source=_DERIVED,
    ),
    _metric(
        "ratio_c_uc",
        ("centred_matrices", "uncentred_matrices"),
        "centred over uncentred numerator",
        "tr(D'D D'KD)/tr(W'W W'KW), D = W - W(0)",
    ),
    _metric(
        "ratio_dc_c",
        ("double_centred_matrices", "centred_matrices"),
        "double-centred over centred numerator",
        "tr(D'D D'(K - K(0))D)/tr(D'D D'KD), D = W - W(0)",
    ),
    _metric(
        "dw_rel",
        ("weights", "initial_weights"),
        "relative change of a map's weights",
        "|W - W(0)|/|W|",
        source=_CODE,
    ),
    _metric("nfm_trace", _UNCENTRED, "trace of the neural feature matrix", "tr W'W"),
    _metric("nfm_norm", _UNCENTRED, "norm of the neural feature matrix", "|W'W|_F"),
    _metric(
        "agop_trace", _UNCENTRED, "trace of the average gradient outer product", "tr W'KW"
    ),
    _metric("agop_norm", _UNCENTRED, "norm of the average gradient outer product", "|W'KW|_F"),
    _metric(
        "nfm_effective_rank",
        _UNCENTRED,
        "effective rank of the neural feature matrix",
        "r_F = (tr F)^2/|F|_F^2, F = W'W",
        source=_DERIVED,
    ),
    _metric(
        "cotangent_effective_rank",
        ("output_moments",),
        "effective rank of the second moment of a map's cotangents",
        "r_K = (tr K)^2/|K|_F^2",
        source=_DERIVED,
    ),
    _metric(
        "derivative_nfc",
        ("rate_matrices",),
        "centred correlation that small steps of gradient descent on all images begin with",
        "tr(F G)/(|F| |G|), F = R'R, G = R'KR, R = dloss/dW",
        function="cosine",
    ),
    _metric(
        "rotated_nfc",
        _ROTATED,
        "correlation of the neural feature matrix with W'QW, mean over 20 draws",
        "mean rho(W'W, W'QW), Q of K's eigenvalues and Haar-distributed eigenvectors",
    ),
    _metric(
        "rotated_nfc_sd",
        _ROTATED,
        "its standard deviation over these draws",
        "sd rho(W'W, W'QW)",
    ),
    _metric(
        "expected_rotated_nfc",
        ("uncentred_matrices", "output_moments"),
        "the same from traces alone, a ratio of means over Haar-distributed eigenvectors",
        "E tr(F G)/(|F| sqrt(E|G|^2)), G = W'QW",
        source=_DERIVED,
    ),
    _metric(
        "expected_rotated_c_nfc",
        ("centred_matrices", "output_moments"),
        "the same of what training added to the weights",
        "E tr(F G)/(|F| sqrt(E|G|^2)), F = D'D, G = D'QD, D = W - W(0)",
        function="expected_rotated_nfc",
        source=_DERIVED,
    ),
    Metric(
        "moment_traces",
        "layeratlas.metrics.matrices:moment_traces",
        ("data_traces",),
        "network",
        ("moment",),
        long_name="traces over d of products of second moments of inputs, A weighted by targets",
        formula="phi(A2), phi(A4), phi(B), phi(B2), phi(B A2), phi(B2 A2), phi(B A4), "
        "phi(B A2 B A2); A = X'diag(y)X/n, B = X'X/n, phi = tr/d",
        source=_DERIVED,
        seen="inputs and targets of each view",
    ),
    _metric("nfm", ("weights",), "neural feature matrix", "W'W", dims=_PAIR),
    _metric(
        "agop",
        ("weights", "output_moments"),
        "average gradient outer product with respect to what a map reads",
        "W'KW",
        dims=_PAIR,
    ),
    _metric(
        "rotated_agop",
        _ROTATED,
        "gradient outer product with K's eigenvectors turned, the first draw",
        "W'QW",
        dims=_PAIR,
    ),
)  # fmt: skip
