from .masters import delete_master, end_master, save_master

__all__ = ["delete_master", "end_master", "save_master"]
