"""Removing noise from colour photographs of any size, blind to its level.

denoiser       its training: what `generative.models` asks for
network        the network
spoiling       the noise that it learns from: white, as of cameras, through JPEG
figures        how near it comes to clean photographs
restorer       what `generative.load` returns: photographs by tiles
removal        strength of the removal, brightness and colour apart; the level of the noise
white_noise    noise added on request
classical      methods from before neural networks
comparison     a photograph, restored by every method
"""
