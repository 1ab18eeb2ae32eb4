"""REST: routes that lead to the same operations as GraphQL, and answers in the envelopes of REST."""
