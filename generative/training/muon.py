"""Muon, for networks of convolutions.

Muon (K. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) replaces the gradient of a
matrix by the nearest orthogonal matrix, so that a step goes equally far in every direction: also in
the many in which the gradient of a near-identity is small, and where Adam hardly moves.
"""

from __future__ import annotations

from generative.backend import keras, tf


class ConvolutionalMuon(keras.optimizers.Muon):  # type: ignore[misc]
    """Keras's Muon, which is for matrices alone, on kernels flattened to matrices.

    The last axis of a kernel becomes the columns, all others the rows. Biases, and kernels whose
    last axis is of length 1, are left to Adam.
    """

    def __init__(
        self, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
    ) -> None:
        super().__init__(learning_rate, weight_decay=None, adam_weight_decay=None)

    def _should_use_adamw(self, variable: keras.Variable) -> bool:
        return len(variable.shape) < 2 or variable.shape[-1] == 1

    def _muon_update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, lr: tf.Tensor, m: keras.Variable
    ) -> None:
        self.assign_add(m, gradient + m * (self.momentum - 1))
        direction = gradient + self.momentum * m  # Nesterov's
        matrix = keras.ops.reshape(direction, (-1, variable.shape[-1]))
        update = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, keras.ops.reshape(update, variable.shape))
