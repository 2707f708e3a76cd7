"""How gunicorn serves the application, whoever starts it; the address comes with the command."""

workers = 2
threads = 8  # because the documented endpoints wait for the worker
raw_env = ["CONN_MAX_AGE=60"]  # closing SQLite's last connection writes its log back, every time
# Longer than browsers and proxies leave a connection idle: who closes it first may do so just as
# the other sends a request, which then fails.
keepalive = 75
limit_request_line = 8190
graceful_timeout = 3
loglevel = "warning"
