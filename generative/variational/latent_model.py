"""What `generative.load` returns for a variational autoencoder: NumPy in, NumPy out, checked."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card
from generative.errors import InputError
from generative.training.batches import compiled, in_chunks
from generative.validation import (
    IMAGE_SHAPE,
    SEED,
    Images,
    Range,
    check_array,
    check_choice,
    check_images,
)
from generative.variational import networks
from generative.variational.gaussian import kl_divergence, log_density, reparameterize
from generative.variational.interface import (
    COORDINATE,
    COUNT,
    SOURCES,
    STEPS,
    TEMPERATURE,
    ElboTerms,
    Labels,
    Posterior,
)
from generative.variational.latent_sets import traversals
from generative.variational.mixture import Mixture
from generative.variational.paths import PATHS, Latents

IMPORTANCE_SAMPLES = Range(1, 5000, whole=True)
AT_ONCE = 10
"""Pictures whose importance samples are decoded together."""


class LatentModel:
    """A trained variational autoencoder; conditional if its card says classes > 0.

    Methods of a conditional model need `labels`, one class a picture or one for all; those of an
    unconditional one take none.

    Args:
        network: what `networks.build` made, trained.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")
        self.latent_size = int(decoder.inputs[0].shape[-1])
        self.classes = int(decoder.inputs[1].shape[-1]) if len(decoder.inputs) > 1 else 0
        self.mixture: Mixture | None = encoder.get_layer("density").mixture
        condition = [(self.classes,)] if self.classes else []

        def encode(*inputs: tf.Tensor) -> tf.Tensor:
            return tf.stack(encoder(list(inputs), training=False), axis=1)

        def decode(*inputs: tf.Tensor) -> tf.Tensor:
            return tf.sigmoid(decoder(list(inputs), training=False))

        def elbo_terms(*inputs: tf.Tensor) -> tf.Tensor:
            logits, mean, log_variance = network(list(inputs), training=False)
            rebuilt = networks.reconstruction(inputs[0], logits)
            return tf.concat([rebuilt[:, None], kl_divergence(mean, log_variance)], axis=1)

        latent = (self.latent_size,)
        self._encode = compiled(encode, IMAGE_SHAPE, *condition)
        self._decode = compiled(decode, latent, *condition)
        self._elbo_terms = compiled(elbo_terms, IMAGE_SHAPE, *condition, latent)

    def encode(self, images: Images, labels: Labels | int | None = None) -> tuple[Latents, Latents]:
        """Return the posterior of every picture: its mean and log-variance, (n, z) float32 each.

        Args:
            images: (n, 28, 28, 1) float32 in [0, 1].
            labels: their classes, (n,) int64, or one for all; a conditional model alone takes any.

        Raises:
            InputError: wrong images or labels.
        """
        pictures = check_images(images)
        moments = in_chunks(self._encode, pictures, *self._condition(labels, len(pictures)))
        return moments[:, 0], moments[:, 1]

    def infer(self, images: Images) -> Posterior:
        """Return the posterior of pictures; a conditional model finds out their classes itself.

        Raises:
            InputError: wrong images.
        """
        labels = self.most_likely_labels(images) if self.classes else None
        return Posterior(*self.encode(images, labels), labels)

    def decode(self, latents: Latents, labels: Labels | int | None = None) -> Images:
        """Return the pictures of latents: (n, z) float32 → (n, 28, 28, 1) float32 in [0, 1].

        Raises:
            InputError: wrong latents or labels.
        """
        return self._pictures(self._check_latents(latents), labels)

    def reconstruct(self, images: Images) -> Images:
        """Return the pictures of the posterior means: (n, 28, 28, 1) float32 in [0, 1], both.

        Raises:
            InputError: wrong images.
        """
        posterior = self.infer(images)
        return self.decode(posterior.mean, posterior.labels)

    def draw(
        self, n: int, temperature: float = 1.0, seed: int = 0, source: str = "prior"
    ) -> Latents:
        """Return n random latents, (n, z) float32.

        Args:
            n: how many; see `COUNT`.
            temperature: scales every deviation from the mean; 0 gives the mean itself.
            seed: the same one gives the same latents.
            source: "prior", N(0, 1), or "mixture", fitted to the training latents.

        Raises:
            InputError: a value out of range, or a model without a mixture.
        """
        count = COUNT.check_whole("number of samples", n)
        scale = TEMPERATURE.check("temperature", temperature)
        rng = np.random.default_rng(SEED.check_whole("seed", seed))
        if check_choice("source", source, SOURCES) == "prior":
            noise = rng.standard_normal((count, self.latent_size), np.float32)
            return np.asarray(scale * noise, np.float32)
        if self.mixture is None:
            raise InputError(
                "This checkpoint has no fitted mixture, because its training was interrupted: "
                "sample from the prior, or finish it with train.py --resume."
            )
        return self.mixture.draw(count, scale, rng)

    def sample(
        self,
        n: int,
        temperature: float = 1.0,
        seed: int = 0,
        source: str = "prior",
        labels: Labels | int | None = None,
    ) -> Images:
        """Return the pictures of `draw`'s latents: (n, 28, 28, 1) float32 in [0, 1].

        Raises:
            InputError: as `draw` and `decode`.
        """
        return self.decode(self.draw(n, temperature, seed, source), labels)

    def interpolate(
        self,
        a: Latents,
        b: Latents,
        steps: int = 16,
        path: str = "slerp",
        labels: Labels | int | None = None,
    ) -> Images:
        """Return the pictures on the way from latent a to latent b: (steps, 28, 28, 1) float32.

        Args:
            a: (z,) float32. For pictures that do not jitter take posterior means, not samples.
            b: (z,) float32.
            steps: how many, both ends included; see `STEPS`.
            path: "slerp" or "linear".
            labels: see the class.

        Raises:
            InputError: a wrong latent, number of steps, path or label.
        """
        way = PATHS[check_choice("path", path, PATHS)]
        ends = (self._check_latent(a), self._check_latent(b))
        # A great circle between two points in range may bulge out of it.
        return self._pictures(way(*ends, STEPS.check_whole("number of steps", steps)), labels)

    def traverse(
        self,
        latent: Latents,
        dimension: int,
        values: NDArray[np.float32],
        labels: Labels | int | None = None,
    ) -> Images:
        """Return the pictures of a latent whose one coordinate takes each of `values`.

        Args:
            latent: (z,) float32.
            dimension: which coordinate, from 0.
            values: (n,) float32.
            labels: see the class.

        Returns:
            (n, 28, 28, 1) float32 in [0, 1].

        Raises:
            InputError: a wrong latent, dimension, value or label.
        """
        column = check_array("values", values, ())
        place = Range(0, self.latent_size - 1, whole=True).check_whole("dimension", dimension)
        return self.decode(traversals(self._check_latent(latent), [place], column), labels)

    def elbo_terms(
        self, images: Images, labels: Labels | int | None = None, seed: int = 0
    ) -> ElboTerms:
        """Return the terms of the negative evidence lower bound, estimated by one sample a picture.

        Raises:
            InputError: wrong images, labels or seed.
        """
        pictures = check_images(images)
        rng = np.random.default_rng(SEED.check_whole("seed", seed))
        noise = rng.standard_normal((len(pictures), self.latent_size), np.float32)
        return self._terms(pictures, labels, noise)

    def importance_weighted_bound(
        self,
        images: Images,
        labels: Labels | int | None = None,
        *,
        samples: int,
        seed: int = 0,
    ) -> NDArray[np.float32]:
        """Return −log of the mean importance weight: (n,) float32, nats per picture.

        Burda et al. 2016 (arXiv 1509.00519), equation 8: an estimate whose expectation is an upper
        bound of −log p(x), never looser than the negative ELBO, and exact in the limit of many
        samples.

        Raises:
            InputError: wrong images, labels, number of samples or seed.
        """
        pictures = check_images(images)
        condition = self._condition(labels, len(pictures))
        count = IMPORTANCE_SAMPLES.check_whole("number of samples", samples)
        key = SEED.check_whole("seed", seed)
        function = self._compile_bound(count, key)
        return in_chunks(function, pictures, *condition, chunk=AT_ONCE)

    def most_likely_labels(self, images: Images) -> Labels:
        """Return the class under which a conditional model finds each picture cheapest: (n,) int64.

        An approximation of Bayes' rule with equal priors, log p(x | class) replaced by −(cross-
        entropy at the posterior mean + KL divergence). That is no bound: a bound takes the mean
        over the posterior. But the answer for a picture so depends on nothing else.

        Raises:
            InputError: wrong images, or an unconditional model.
        """
        if not self.classes:
            raise InputError(f"The model {self.card['model']!r} knows no classes.")
        pictures = check_images(images)
        no_noise = np.zeros((len(pictures), self.latent_size), np.float32)
        costs = [
            self._terms(pictures, label, no_noise).negative_elbo for label in range(self.classes)
        ]
        return np.asarray(np.argmin(costs, axis=0))

    def _terms(self, pictures: Images, labels: Labels | int | None, noise: Latents) -> ElboTerms:
        condition = self._condition(labels, len(pictures))
        terms = in_chunks(self._elbo_terms, pictures, *condition, noise)
        return ElboTerms(terms[:, 0], terms[:, 1:])

    def _compile_bound(self, samples: int, seed: int) -> Callable[..., tf.Tensor]:
        encoder, decoder = (self.network.get_layer(name) for name in ("encoder", "decoder"))

        def negative_log_mean_weight(pictures: tf.Tensor, *condition: tf.Tensor) -> tf.Tensor:
            mean, log_variance = encoder([pictures, *condition], training=False)
            # Every picture of a chunk gets noise of its own; every chunk the same.
            shape = [tf.shape(mean)[0], samples, self.latent_size]
            noise = tf.random.stateless_normal(shape, [seed, 0])
            mean, log_variance = mean[:, None], log_variance[:, None]
            latents = reparameterize(mean, log_variance, noise)
            flat = [tf.repeat(x, samples, axis=0) for x in (pictures, *condition)]
            points = tf.reshape(latents, [-1, self.latent_size])
            logits = decoder([points, *flat[1:]], training=False)
            log_likelihood = -tf.reshape(networks.reconstruction(flat[0], logits), shape[:2])
            log_weights = (
                log_likelihood
                + log_density(latents, 0.0, tf.zeros_like(latents))
                - log_density(latents, mean, log_variance)
            )
            return math.log(samples) - tf.reduce_logsumexp(log_weights, axis=1)

        return compiled(
            negative_log_mean_weight, IMAGE_SHAPE, *([(self.classes,)] if self.classes else [])
        )

    def _pictures(self, points: Latents, labels: Labels | int | None) -> Images:
        return in_chunks(self._decode, points, *self._condition(labels, len(points)))

    def _condition(self, labels: object, count: int) -> list[NDArray[np.float32]]:
        """Return the one-hot classes that a conditional network wants beside its batch."""
        if not self.classes:
            if labels is not None:
                raise InputError(
                    f"The model {self.card['model']!r} takes no class. Received one all the same: "
                    "leave it out, or use a conditional model."
                )
            return []
        expected = f"Expected one whole number from 0 to {self.classes - 1} a picture, or for all."
        try:
            given = np.broadcast_to(np.asarray(labels), (count,))
        except ValueError:
            raise InputError(f"Invalid labels. {expected}") from None
        if given.dtype.kind not in "iu" or given.min() < 0 or given.max() >= self.classes:
            raise InputError(f"Invalid labels. {expected}")
        return [networks.one_hot(given.astype(np.int64), self.classes)]

    def _check_latents(self, latents: object) -> Latents:
        points = check_array("latents", latents, (self.latent_size,))
        for extreme in (points.min(), points.max()):
            COORDINATE.check("latent", float(extreme))
        return points

    def _check_latent(self, latent: object) -> Latents:
        if isinstance(latent, np.ndarray) and latent.ndim == 1:
            return np.asarray(self._check_latents(latent[None])[0])
        raise InputError(
            f"Invalid latent. Expected one float32 array of shape ({self.latent_size},)."
        )
