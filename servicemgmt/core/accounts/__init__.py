"""Signing in and the people who do: what allauth is told, invitations, users, second factors."""
