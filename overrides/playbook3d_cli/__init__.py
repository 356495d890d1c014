"""``playbook3d``: the API's operations as commands, one call at a time or many at once.

Its modules are private: the command line is the interface. README.md has the exit statuses.
"""
