"""The variational autoencoders, untrained: what their methods say of one another."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from generative import metrics, models
from generative.backend import keras, tf
from generative.errors import InputError
from generative.variational import latent_model, networks
from generative.variational.mixture import COMPONENTS, Mixture
from generative.variational.paths import linear, slerp

IMAGES = np.random.default_rng(1).random((4, 28, 28, 1), np.float32)
LABELS = np.array([3, 0, 9, 3])
SIZES = {"z2": 2, "z16": 16, "cvae": 16}
every_model = pytest.mark.parametrize("name", SIZES)
every_unconditional = pytest.mark.parametrize("name", ["z2", "z16"])


def build(model: str, variant: str, mixture: bool):
    """Return an untrained model with a posterior and pictures that are not all alike."""
    keras.utils.set_random_seed(5)
    source = models.module(model)
    configuration = source.TRAINING[variant].configuration
    network = source.build(**configuration)
    encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")
    size = configuration["latent_size"]
    rng = np.random.default_rng(size)
    for layer, scale in [
        (encoder.get_layer("mean"), 3),
        (encoder.get_layer("log_variance"), 3),
        (decoder.get_layer("latent"), 2),
        (decoder.get_layer("logits"), 5),
    ]:
        layer.kernel.assign(scale * layer.kernel)
    encoder.get_layer("mean").bias.assign(np.linspace(-2, 2, size))
    encoder.get_layer("log_variance").bias.assign(rng.uniform(-2, 0, size))
    if mixture:
        arrays = (
            np.full(COMPONENTS, 1 / COMPONENTS),
            rng.normal(size=(COMPONENTS, size)),
            np.tile(0.5 * np.eye(size), (COMPONENTS, 1, 1)),
        )
        fitted = Mixture(*(array.astype(np.float32) for array in arrays))
        encoder.get_layer("density").mixture = fitted
    return source.Model(network, {"model": model, "metrics": {}})


@pytest.fixture(scope="module")
def built():
    return {
        "z2": build("vae", "z2", mixture=True),
        "z16": build("vae", "z16", mixture=False),
        "cvae": build("cvae", "z16", mixture=True),
    }


@pytest.fixture
def case(built, name):
    """A model, the labels that it wants for `IMAGES`, and for any number of pictures."""
    conditional = name == "cvae"
    return SimpleNamespace(
        model=built[name],
        size=SIZES[name],
        labels=LABELS if conditional else None,
        label=7 if conditional else None,
    )


def latents(size: int, count: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size), np.float32)


def rows(labels: np.ndarray | None, index: object) -> np.ndarray | None:
    return None if labels is None else labels[index]


def assert_pictures(pictures: np.ndarray, count: int) -> None:
    assert pictures.shape == (count, 28, 28, 1)
    assert pictures.dtype == np.float32
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert pictures.std() > 0.01


# --- Pictures and latents --------------------------------------------------------------------


@every_model
def test_a_model_knows_its_sizes(case, name):
    assert case.model.latent_size == case.size
    assert case.model.classes == (10 if name == "cvae" else 0)


@every_model
def test_a_posterior_is_a_mean_and_a_log_variance(case):
    mean, log_variance = case.model.encode(IMAGES, case.labels)
    for array in (mean, log_variance):
        assert array.shape == (4, case.size)
        assert array.dtype == np.float32
    assert mean.std(axis=0).min() > 0
    assert np.abs(log_variance).max() <= networks.LOG_VARIANCE_LIMIT


@every_model
def test_latents_become_pictures(case):
    assert_pictures(case.model.decode(latents(case.size), case.labels), 4)


@every_model
def test_the_network_and_its_halves_agree(case):
    mean, log_variance = case.model.encode(IMAGES, case.labels)
    condition = [] if case.labels is None else [networks.one_hot(case.labels, 10)]
    outputs = case.model.network([IMAGES, *condition, np.zeros((4, case.size), np.float32)])
    np.testing.assert_allclose(outputs[1], mean, atol=1e-5)
    np.testing.assert_allclose(outputs[2], log_variance, atol=1e-5)
    decoded = case.model.decode(mean, case.labels)
    np.testing.assert_allclose(tf.sigmoid(outputs[0]), decoded, atol=1e-5)


@every_model
def test_a_reconstruction_is_the_picture_of_the_posterior_mean(case, name):
    posterior = case.model.infer(IMAGES)
    assert (posterior.labels is None) == (name != "cvae")
    mean, log_variance = case.model.encode(IMAGES, posterior.labels)
    np.testing.assert_array_equal(posterior.mean, mean)
    np.testing.assert_array_equal(posterior.log_variance, log_variance)
    rebuilt = case.model.reconstruct(IMAGES)
    assert_pictures(rebuilt, 4)
    np.testing.assert_array_equal(rebuilt, case.model.decode(mean, posterior.labels))


@every_model
def test_more_pictures_than_go_through_at_once_make_no_difference(case):
    many, labels = np.tile(IMAGES, (126, 1, 1, 1)), rows(case.labels, np.tile(range(4), 126))
    mean, log_variance = case.model.encode(many, labels)
    decoded = case.model.decode(mean, labels)
    assert mean.shape == (504, case.size)
    for index in (0, 499, 500, 503):
        one = slice(index, index + 1)
        alone = case.model.encode(many[one], rows(labels, one))
        np.testing.assert_allclose(mean[one], alone[0], atol=1e-5)
        np.testing.assert_allclose(log_variance[one], alone[1], atol=1e-5)
        picture = case.model.decode(mean[one], rows(labels, one))
        np.testing.assert_allclose(decoded[one], picture, atol=1e-5)


# --- Classes ---------------------------------------------------------------------------------


def test_one_label_stands_for_all(built):
    points = latents(16)
    several = built["cvae"].decode(points, np.full(4, 7))
    for label in (7, np.int64(7), np.uint8(7), np.array([7], np.int32)):
        np.testing.assert_array_equal(built["cvae"].decode(points, label), several)


def test_every_class_changes_code_and_picture(built):
    same_point, same_image = np.tile(latents(16, 1), (10, 1)), np.tile(IMAGES[:1], (10, 1, 1, 1))
    for array in (
        built["cvae"].decode(same_point, np.arange(10)),
        built["cvae"].encode(same_image, np.arange(10))[0],
    ):
        assert len(np.unique(array.reshape(10, -1), axis=0)) == 10


def test_the_most_likely_class_is_the_cheapest(built):
    model, found = built["cvae"], built["cvae"].most_likely_labels(IMAGES)
    costs = []
    for label in range(10):
        mean, _ = model.encode(IMAGES, label)
        rebuilt = metrics.binary_cross_entropy(IMAGES, model.decode(mean, label))
        costs.append(784 * rebuilt + model.elbo_terms(IMAGES, label).kl.sum(axis=1))
    np.testing.assert_array_equal(found, np.argmin(costs, axis=0))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(built["cvae"].infer(IMAGES).labels, found)


# --- Drawing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source"), [("z2", "prior"), ("z2", "mixture"), ("z16", "prior"), ("cvae", "mixture")]
)
def test_samples_are_the_pictures_of_drawn_latents(case, source):
    drawn = case.model.draw(5, 0.8, 3, source)
    assert drawn.shape == (5, case.size)
    assert drawn.dtype == np.float32
    samples = case.model.sample(5, 0.8, 3, source, case.label)
    assert_pictures(samples, 5)
    np.testing.assert_array_equal(samples, case.model.decode(drawn, case.label))
    np.testing.assert_array_equal(samples, case.model.sample(5, 0.8, 3, source, case.label))
    assert not np.array_equal(drawn, case.model.draw(5, 0.8, 4, source))


def test_draws_from_the_prior_are_standard_normal(built):
    points = np.concatenate([built["z16"].draw(1000, seed=seed) for seed in range(20)])
    error = 1 / math.sqrt(len(points))
    assert (np.abs(points.mean(axis=0)) < 5 * error).all()
    assert np.abs(np.cov(points.T) - np.eye(16)).max() < 5 * math.sqrt(2) * error


def test_the_temperature_scales_draws_from_the_prior(built):
    np.testing.assert_allclose(built["z16"].draw(9, 0.5), built["z16"].draw(9) / 2, rtol=1e-6)
    np.testing.assert_array_equal(built["z16"].draw(9, 0), np.zeros((9, 16)))


def test_temperature_0_draws_the_means_of_the_mixture(built):
    means = built["cvae"].mixture.means
    drawn = built["cvae"].draw(200, 0, source="mixture")
    np.testing.assert_array_equal(np.unique(drawn, axis=0), np.unique(means, axis=0))


# --- Ways through the latents ----------------------------------------------------------------


@every_model
@pytest.mark.parametrize(("path", "way"), [("slerp", slerp), ("linear", linear)])
def test_an_interpolation_is_the_pictures_of_a_path(case, path, way):
    a, b = latents(case.size, 2)
    pictures = case.model.interpolate(a, b, 7, path, case.label)
    assert_pictures(pictures, 7)
    expected = case.model.decode(way(a, b, 7), case.label)
    np.testing.assert_array_equal(pictures, expected)
    ends = case.model.decode(np.stack([a, b]), case.label)
    np.testing.assert_allclose(pictures[[0, -1]], ends, atol=1e-5)


def test_an_interpolation_is_16_pictures_of_a_slerp_unless_told_otherwise(built):
    a, b = latents(16, 2)
    expected = built["z16"].interpolate(a, b, 16, "slerp")
    np.testing.assert_array_equal(built["z16"].interpolate(a, b), expected)


@every_model
def test_a_traversal_changes_one_coordinate_alone(case):
    (latent,), values = latents(case.size, 1), np.linspace(-3, 3, 5, dtype=np.float32)
    before = latent.copy()
    for dimension in (0, case.size - 1):
        points = np.tile(latent, (5, 1))
        points[:, dimension] = values
        pictures = case.model.traverse(latent, dimension, values, case.label)
        assert_pictures(pictures, 5)
        np.testing.assert_array_equal(pictures, case.model.decode(points, case.label))
    np.testing.assert_array_equal(latent, before)


# --- Evidence --------------------------------------------------------------------------------


@every_model
def test_the_evidence_is_its_definition(case):
    found = case.model.elbo_terms(IMAGES, case.labels, seed=6)
    mean, log_variance = (m.astype(np.float64) for m in case.model.encode(IMAGES, case.labels))
    noise = np.random.default_rng(6).standard_normal((4, case.size), np.float32)
    sample = (mean + np.exp(log_variance / 2) * noise).astype(np.float32)
    decoded = case.model.decode(sample, case.labels)
    reconstruction = 784 * metrics.binary_cross_entropy(IMAGES, decoded)
    kl = (mean**2 + np.exp(log_variance) - 1 - log_variance) / 2
    np.testing.assert_allclose(found.reconstruction, reconstruction, rtol=1e-4)
    np.testing.assert_allclose(found.kl, kl, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.negative_elbo, reconstruction + kl.sum(axis=1), rtol=1e-4)
    assert found.negative_elbo.dtype == found.kl.dtype == np.float32


@every_model
def test_the_evidence_depends_on_the_seed_in_its_reconstruction_alone(case):
    first, again, other = (case.model.elbo_terms(IMAGES, case.labels, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.negative_elbo, again.negative_elbo)
    np.testing.assert_array_equal(first.kl, other.kl)
    assert (first.reconstruction != other.reconstruction).all()


@every_model
def test_the_loss_is_the_negative_evidence_lower_bound(case, name):
    variant = "z16" if name == "cvae" else name
    model = case.model.card["model"]
    examples = IMAGES if case.labels is None else (IMAGES, case.labels)
    inputs = models.module(model).TRAINING[variant].inputs(examples, np.random.default_rng(6))
    losses = models.module(model).loss(case.model.network, inputs, examples).numpy()
    expected = case.model.elbo_terms(IMAGES, case.labels, seed=6).negative_elbo
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    half = models.module(model).loss(case.model.network, inputs, examples, 0.5).numpy()
    kl = case.model.elbo_terms(IMAGES, case.labels, seed=6).kl.sum(axis=1)
    np.testing.assert_allclose(half, expected - kl / 2, rtol=1e-5)


def test_evidence_of_more_pictures_than_go_through_at_once_begins_the_same(built):
    whole = built["z2"].elbo_terms(np.tile(IMAGES, (126, 1, 1, 1)), seed=3).negative_elbo
    few = built["z2"].elbo_terms(IMAGES, seed=3).negative_elbo
    assert whole.shape == (504,)
    np.testing.assert_allclose(whole[:4], few, rtol=1e-5)


@pytest.fixture
def many_bounds(monkeypatch):
    """A function that returns bounds of one picture; those of a chunk each have noise of their own.

    One chunk holds them all, as a function is compiled for every seed.
    """

    def bounds(model, labels, samples: int, count: int) -> np.ndarray:
        monkeypatch.setattr(latent_model, "AT_ONCE", count)
        images = np.tile(IMAGES[:1], (count, 1, 1, 1))
        return model.importance_weighted_bound(images, labels, samples=samples).astype(np.float64)

    return bounds


@pytest.mark.parametrize("name", ["z2", "cvae"])
def test_the_bound_of_one_sample_is_the_negative_elbo_on_average(case, many_bounds):
    bounds = many_bounds(case.model, case.label, samples=1, count=100)
    evidence = case.model.elbo_terms(np.tile(IMAGES[:1], (500, 1, 1, 1)), case.label)
    costs = evidence.negative_elbo.astype(np.float64)
    error = math.hypot(bounds.std() / math.sqrt(len(bounds)), costs.std() / math.sqrt(len(costs)))
    assert abs(bounds.mean() - costs.mean()) < 5 * error
    # Without the densities of its samples the bound would miss the KL divergence.
    assert 5 * error < evidence.kl[0].sum()


@pytest.mark.parametrize("name", ["z2", "cvae"])
def test_more_samples_tighten_the_bound(case, many_bounds):
    # A deviation of 200 is known to 5%; ten samples take a third off it.
    one = many_bounds(case.model, case.label, samples=1, count=200)
    ten = many_bounds(case.model, case.label, samples=10, count=200)
    assert ten.mean() < one.mean()
    assert ten.std() < one.std()


@every_model
def test_the_bound_is_its_definition(case):
    bounds = case.model.importance_weighted_bound(IMAGES, case.labels, samples=3, seed=8)
    mean, log_variance = (m[:, None] for m in case.model.encode(IMAGES, case.labels))
    noise = tf.random.stateless_normal([4, 3, case.size], [8, 0]).numpy()
    drawn = mean + np.exp(log_variance / 2) * noise
    labels = None if case.labels is None else np.repeat(case.labels, 3)
    decoded = case.model.decode(drawn.reshape(12, -1), labels)
    cost = 784 * metrics.binary_cross_entropy(np.repeat(IMAGES, 3, axis=0), decoded).reshape(4, 3)
    prior = stats.norm.logpdf(drawn).sum(axis=2)
    posterior = stats.norm.logpdf(drawn, mean, np.exp(log_variance / 2)).sum(axis=2)
    expected = math.log(3) - logsumexp(prior - posterior - cost, axis=1)
    np.testing.assert_allclose(bounds, expected, rtol=1e-5)


def test_the_bound_is_exact_where_the_posterior_is_the_prior():
    model = build("vae", "z2", mixture=False)
    encoder, decoder = (model.network.get_layer(half) for half in ("encoder", "decoder"))
    for layer in (encoder.get_layer("mean"), encoder.get_layer("log_variance")):
        layer.set_weights([np.zeros_like(array) for array in layer.get_weights()])
    # Pictures that do not depend on the latent: every weight is p(x), whatever was drawn.
    decoder.get_layer("latent").kernel.assign(tf.zeros_like(decoder.get_layer("latent").kernel))
    bounds = model.importance_weighted_bound(IMAGES, samples=3)
    np.testing.assert_allclose(bounds, model.elbo_terms(IMAGES).reconstruction, rtol=1e-5)


def test_bounds_are_seeded_one_a_picture(built):
    images = np.tile(IMAGES, (6, 1, 1, 1))
    first, again, other = (
        built["z2"].importance_weighted_bound(images, samples=2, seed=seed) for seed in (0, 0, 1)
    )
    assert first.shape == (24,)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


# --- What models refuse ----------------------------------------------------------------------

WRONG_NUMBERS = [1.5, True, "3", None, float("nan"), float("inf")]
SENTENCE = r"^Invalid {}\. Expected [^.]*(\.\d+[^.]*)?\.( Received: .*\.)?$"


@pytest.mark.parametrize("n", [0, 1001, -1, *WRONG_NUMBERS])
def test_a_wrong_number_of_samples_is_refused(built, n):
    for method in (built["z2"].draw, built["z2"].sample):
        with pytest.raises(InputError, match=SENTENCE.format("number of samples")):
            method(n)


@pytest.mark.parametrize("temperature", [-1, 3, True, "1", None, float("nan"), float("inf")])
def test_a_wrong_temperature_is_refused(built, temperature):
    with pytest.raises(InputError, match=r"^Invalid temperature\. Expected a number from 0 to 2\."):
        built["z2"].sample(1, temperature)


@pytest.mark.parametrize("seed", [-1, 2**31, *WRONG_NUMBERS])
def test_a_wrong_seed_is_refused(built, seed):
    for call in (
        lambda: built["z2"].sample(1, seed=seed),
        lambda: built["z2"].elbo_terms(IMAGES, seed=seed),
        lambda: built["z2"].importance_weighted_bound(IMAGES, samples=1, seed=seed),
    ):
        with pytest.raises(InputError, match=SENTENCE.format("seed")):
            call()


@pytest.mark.parametrize("source", ["", "posterior", None, 3, ["prior"]])
def test_an_unknown_source_is_refused(built, source):
    with pytest.raises(InputError, match=r"^Unknown source\. Expected one of: prior, mixture\. "):
        built["z2"].sample(1, source=source)


def test_a_model_without_a_mixture_draws_from_the_prior_alone(built):
    with pytest.raises(InputError, match=r"^This checkpoint has no fitted mixture, .*--resume\.$"):
        built["z16"].sample(1, source="mixture")
    assert_pictures(built["z16"].sample(2), 2)


@pytest.mark.parametrize("samples", [0, 5001, *WRONG_NUMBERS])
def test_a_wrong_number_of_importance_samples_is_refused(built, samples):
    with pytest.raises(InputError, match=SENTENCE.format("number of samples")):
        built["z2"].importance_weighted_bound(IMAGES, samples=samples)


def spoilt(value: float) -> np.ndarray:
    points = latents(16)
    points[1, 2] = value
    return points


WRONG_LATENTS = {
    "nothing": None,
    "a list": latents(16).tolist(),
    "15 numbers": latents(15),
    "17 numbers": latents(17),
    "float64": latents(16).astype(np.float64),
    "integers": np.zeros((4, 16), np.int64),
    "three dimensions": latents(16)[None],
    "a single number": np.float32(3),
    "NaN": spoilt(np.nan),
    "infinity": spoilt(np.inf),
    "far away": spoilt(101),
}


@pytest.mark.parametrize("kind", [*WRONG_LATENTS, "one latent", "no latents"])
@pytest.mark.parametrize("model", ["z16", "cvae"])
def test_wrong_latents_are_refused(built, model, kind):
    more = {"one latent": latents(16)[0], "no latents": latents(16)[:0]}
    with pytest.raises(InputError, match=r"^Invalid latents?\. Expected .* Received: .*\.$"):
        built[model].decode((WRONG_LATENTS | more)[kind], 7 if model == "cvae" else None)


@pytest.mark.parametrize("kind", WRONG_LATENTS)
def test_a_wrong_latent_is_refused(built, kind):
    wrong, right = WRONG_LATENTS[kind], latents(16)[0]
    if isinstance(wrong, np.ndarray) and wrong.ndim == 2:
        wrong = wrong[1]
    for call in (
        lambda: built["z16"].interpolate(wrong, right),
        lambda: built["z16"].interpolate(right, wrong),
        lambda: built["z16"].traverse(wrong, 0, np.zeros(3, np.float32)),
    ):
        with pytest.raises(InputError, match=r"^Invalid latents?\. Expected .*\.$"):
            call()


@pytest.mark.parametrize("steps", [0, 1, 101, *WRONG_NUMBERS])
def test_a_wrong_number_of_steps_is_refused(built, steps):
    with pytest.raises(InputError, match=SENTENCE.format("number of steps")):
        built["z2"].interpolate(*latents(2, 2), steps)


@pytest.mark.parametrize("path", ["", "straight", None, 1])
def test_an_unknown_path_is_refused(built, path):
    with pytest.raises(InputError, match=r"^Unknown path\. Expected one of: slerp, linear\. "):
        built["z2"].interpolate(*latents(2, 2), 3, path)


@pytest.mark.parametrize("dimension", [-1, 2, *WRONG_NUMBERS])
def test_a_wrong_dimension_is_refused(built, dimension):
    with pytest.raises(InputError, match=SENTENCE.format("dimension")):
        built["z2"].traverse(latents(2)[0], dimension, np.zeros(3, np.float32))


@pytest.mark.parametrize(
    "values",
    [
        None,
        "1",
        1.0,
        np.float32(1),
        np.zeros(3),
        np.zeros(0, np.float32),
        np.zeros((3, 1), np.float32),
        np.float32([0, np.nan]),
        np.float32([0, np.inf]),
        np.float32([0, 101]),
        [[1.0], [1.0, 2.0]],
    ],
    ids=str,
)
def test_wrong_values_of_a_traversal_are_refused(built, values):
    with pytest.raises(InputError, match=r"^Invalid (values|latent)\. Expected .* Received: .*\.$"):
        built["z2"].traverse(latents(2)[0], 0, values)


WRONG_LABELS = [
    None,
    -1,
    10,
    2**70,
    3.0,
    True,
    "3",
    np.array([0, 1, 2]),
    np.array([0, 1, 2, 3, 4]),
    np.array([0, 1, 2, 10]),
    np.array([0, 1, 2, -1]),
    np.array([0.0, 1.0, 2.0, 3.0]),
    np.array([True, False, True, False]),
    np.zeros((4, 1), int),
    np.zeros(0, int),
    [[1], [2, 3]],
]


@pytest.mark.parametrize("labels", WRONG_LABELS, ids=str)
def test_wrong_labels_are_refused(built, labels):
    model, (a, b) = built["cvae"], latents(16, 2)
    for call in (
        lambda: model.encode(IMAGES, labels),
        lambda: model.decode(latents(16), labels),
        lambda: model.sample(4, labels=labels),
        lambda: model.interpolate(a, b, 4, labels=labels),
        lambda: model.traverse(a, 0, np.zeros(4, np.float32), labels),
        lambda: model.elbo_terms(IMAGES, labels),
        lambda: model.importance_weighted_bound(IMAGES, labels, samples=1),
    ):
        with pytest.raises(InputError, match=SENTENCE.format("labels")):
            call()


@every_unconditional
def test_a_model_without_classes_takes_no_label(case):
    model, (a, b) = case.model, latents(case.size, 2)
    for call in (
        lambda: model.encode(IMAGES, LABELS),
        lambda: model.decode(latents(case.size), 0),
        lambda: model.sample(4, labels=3),
        lambda: model.interpolate(a, b, 4, labels=LABELS),
        lambda: model.traverse(a, 0, np.zeros(4, np.float32), 1),
        lambda: model.elbo_terms(IMAGES, LABELS),
        lambda: model.importance_weighted_bound(IMAGES, LABELS, samples=1),
    ):
        with pytest.raises(InputError, match=r"^The model 'vae' takes no class\. .*\.$"):
            call()
    with pytest.raises(InputError, match=r"^The model 'vae' knows no classes\.$"):
        model.most_likely_labels(IMAGES)


@every_model
@pytest.mark.parametrize(
    "wrong",
    [None, IMAGES[0], IMAGES * 255, IMAGES.astype(np.float64), IMAGES * np.nan, IMAGES[:0]],
    ids=["nothing", "one picture", "8-bit range", "float64", "NaN", "no pictures"],
)
def test_wrong_pictures_are_refused_everywhere(case, wrong):
    for call in (
        lambda: case.model.encode(wrong, case.label),
        lambda: case.model.infer(wrong),
        lambda: case.model.reconstruct(wrong),
        lambda: case.model.elbo_terms(wrong, case.label),
        lambda: case.model.importance_weighted_bound(wrong, case.label, samples=1),
    ):
        with pytest.raises(InputError, match=r"^Invalid images\. .*Expected .* Received: "):
            call()
