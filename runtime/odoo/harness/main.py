# Last of the session's files: what it does from here on.
env.cr.rollback()  # noqa: F821 # up to 17.0 the shell is in a transaction, whose locks would be in the way
requests = Requests()
requests.start()
channel.send({"ready": odoo.release.version})
while True:
    request = requests.queue.get()
    if request["op"] == "end":
        break
    if request["op"] == "lost":
        channel.send({"lost": request["error"]})
        break
    channel.send(answer(request))
