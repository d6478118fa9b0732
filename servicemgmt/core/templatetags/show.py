"""Template tags that every template has: money, quantities, working time, fields of forms."""

from django import template

register = template.Library()
