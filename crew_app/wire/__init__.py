"""What goes over the wire: marshmallow schemas for what comes in, plain functions for what goes out."""
