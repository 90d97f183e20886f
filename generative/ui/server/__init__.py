"""A public server: limits and checks that protect it, and what its operators need.

fair_queue         takes in requests, and stops those that nobody reads
  limits             how many requests a queue holds
  visitors           who sent a request
  mailboxes          messages that wait for their readers
request_filter     refuses a request in one sentence before Gradio sees it
  allowed_hosts      the host names that the server answers to
  upload_folder      keeps the upload folder from filling up
  upload_progress    keeps the progress of the latest uploads only
  error_responses    a response of one sentence
sessions           keeps little for each visitor
startup_checks     checks host, port and folders before the app starts
jobs               what is recorded of each request to the queue
logs               the log, a JSON object a line
health             answers /healthz
prometheus         answers /metrics
stopping           serves until SIGTERM, then lets accepted jobs finish
"""
