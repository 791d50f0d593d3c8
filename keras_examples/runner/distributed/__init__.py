"""Training by several devices of one machine, or by several machines, that share each batch.

Under a strategy of `tf.distribute` each device, a replica, holds the same model, works on its share
of a batch, and all add up their gradients before they take the same step. Nothing outside of this
folder knows how; the runner meets it as another `Job` with other `Devices`.
"""
