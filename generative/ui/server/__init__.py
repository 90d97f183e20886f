"""What stands between strangers and the app: who may wait, what is answered, when it may start."""
