"""Training on several devices of one machine, or on several machines, that share each batch.

Under a strategy of `tf.distribute` each device, a replica, holds the same model and works on its
share of a batch; all add up their gradients before they take the same step. Nothing outside this
folder knows how: to the runner it is another `Job` with other `Devices`.
"""
