"""Containers: objects that hold many items, each told by the value of one column. Read by ranges, kept by version."""

from recon_core.containers.column import ColumnError
from recon_core.containers.reading import ContainerColumn, ContainerObject, ContainerReader

__all__ = ["ColumnError", "ContainerColumn", "ContainerObject", "ContainerReader"]
