"""What a visitor can take away from a run: pictures, curves, the film, the weights, a notebook; see `takeaways`.

`ink`, `charts`, `fields` and `picture` draw panels with matplotlib and know neither a server nor a training.
"""
