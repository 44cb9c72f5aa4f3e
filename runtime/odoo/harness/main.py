# Last of the session's files: what it does from here on.
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
