from tests.desk import desk, empty_home

__all__ = ["desk", "empty_home"]
