"""What every long-running front door shares: the open index, who may do what, uploads. Front doors decide nothing."""
