"""The contract and the desk: from a participant's bytes to a receipt, or to every fault in them."""
