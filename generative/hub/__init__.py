"""Trained models and the app on the Hugging Face Hub.

addresses      "OWNER/NAME:checkpoint@revision"
fetching       download and check the checkpoints of a repository
publishing     upload checkpoints with a model card
model_card     the model card, written from the checkpoints' cards
space          upload the app as a Space
upload         find the files that changed and send them in one commit
errors         errors of the Hub and its client in one sentence

These modules import `huggingface_hub`, which takes half a second: import them where they are used.
"""
