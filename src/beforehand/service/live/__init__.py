"""What happens now, told to browsers that are open: members at the desk and visitors in the chat.

One watcher a process looks ten times a second; each browser holds one stream of server-sent events. Both streams are
bare ASGI applications: a stream that waits holds a task, no thread and no connection to the database.
"""
