"""The dashboard: one page for `GET /dashboard`, which shows a student's runs and takes new ones, in any browser."""

from assignment3_scaling.service.dashboard.page import render

__all__ = ["render"]
