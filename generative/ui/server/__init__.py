"""Protection for a public server: queue limits, request checks, host names, startup checks.

fair_queue         limits for each kind of work, visitor and address
  mailboxes          messages that wait for their readers
request_filter     refuses a request in one sentence before Gradio sees it
  allowed_hosts      the host names that the server answers to
  upload_folder      keeps the upload folder from filling up
  error_responses    a response of one sentence
pending_drawings   drawings that wait for their requests
sessions           keeps little for each visitor
startup_checks     checks host, port and folders before the app starts
"""
