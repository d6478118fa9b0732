from .imports import Imported, import_masters
from .masters import delete_master, end_master, save_master

__all__ = ["Imported", "delete_master", "end_master", "import_masters", "save_master"]
