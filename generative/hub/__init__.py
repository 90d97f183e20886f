"""The Hugging Face Hub: trained models go there and come from there, and a Space serves the app.

addresses      "OWNER/NAME:checkpoint@revision"
fetching       checkpoints of a repository, by way of the Hub's own cache
model_card     what a repository says about its checkpoints
publishing     checkpoints, and the model card made from their cards
space          the app as a Space
shipping       what differs from what is there, sent in one commit
refusals       what the Hub refuses, in one sentence

The client is imported with the modules that speak to the Hub: import those when they are needed.
"""
