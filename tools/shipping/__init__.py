"""Shipping: students in forms that run without Tasksmith."""
