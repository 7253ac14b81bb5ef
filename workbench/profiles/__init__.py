"""Profiles: YAML → Profile → Plan, with explanation, lint, sheet and digest."""

from workbench.profiles.compiling import compile_plan
from workbench.profiles.loading import load, shipped_names
from workbench.profiles.plan import ClassPlan, Plan

__all__ = ["ClassPlan", "Plan", "compile_plan", "load", "shipped_names"]
